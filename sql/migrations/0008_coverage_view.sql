-- How much of a server's traffic in a minute is in the trail, and where the rest went.
--
-- share_complete: packets, connections and bytes of the edge are three views of one stream, so the worst of them counts; every
-- other unit of a stage is a further sieve, so their shares multiply. What is still open counts neither way, a unit without
-- entries as 1. lost is keyed `stage.unit.reason`.
CREATE VIEW coverage AS
SELECT
    minute,
    server_id,
    ifNull(minOrNullIf(share, is_stream), 1) * arrayProduct(groupArrayIf(share, NOT is_stream)) AS share_complete,
    sumIf(passed_on, stage = 'decode' AND unit = 'events') AS events,
    sumIf(open, stage = 'decode' AND unit = 'events') AS open_events,
    sumMap(reasons) AS lost,
    sumMapIf(impaired, stage = 'decode' AND unit = 'events') AS impaired
FROM
(
    SELECT
        minute,
        server_id,
        stage,
        unit,
        stage = 'edge' AND unit IN ('packets', 'connections', 'bytes') AS is_stream,
        sum(e.passed_on) AS passed_on,
        sum(e.open) AS open,
        sum(e.taken_in) AS taken_in,
        if(taken_in > open, least(passed_on / (taken_in - open), 1), 1) AS share,
        sumMap(CAST(mapApply((reason, n) -> (concat(stage, '.', unit, '.', reason), n), mapFilter((reason, n) -> n > 0, e.lost)), 'Map(String, UInt64)')) AS reasons,
        sumMap(CAST(e.impaired, 'Map(String, UInt64)')) AS impaired
    FROM ledger AS e FINAL
    GROUP BY minute, server_id, stage, unit
)
GROUP BY minute, server_id
