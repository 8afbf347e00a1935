-- title: Coverage: how many of the statements a server ran are in the trail, and where the rest is
-- description: executed is what the server itself counted, seen what of it is in the trail, over the minutes that were measured
-- description: whole; missing puts the rest to its reasons. Without a watcher there is only share_complete, the estimate from what
-- description: every stage lost. Whole minutes; coverage-minutes has them one by one.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: limit UInt32 = 100
SELECT
    server_id,
    if(measured_minutes > 0, sumIf(c.executed, is_whole), NULL) AS executed,
    if(measured_minutes > 0, sumIf(c.seen, is_whole), NULL) AS seen,
    if(measured_minutes > 0, if(executed > 0, floor(greatest(1 - arraySum(mapValues(missing)) / executed, 0), 6), 1), NULL) AS share,
    mapReverseSort((reason, n) -> n, sumMap(c.missing)) AS missing,
    countIf(is_whole) AS measured_minutes,
    count() AS minutes,
    min(c.minute) AS first_minute,
    max(c.minute) AS last_minute,
    maxIf(c.uncertainty_ms, is_whole) AS uncertainty_ms,
    floor(sum(c.share_complete * weight) / sumIf(weight, c.share_complete IS NOT NULL), 6) AS share_complete,
    sum(c.events) AS events,
    sum(c.open_events) AS open_events,
    sumMap(c.lost) AS lost,
    sumMap(c.impaired) AS impaired
FROM (SELECT *, measured_ms >= 60000 AS is_whole, greatest(events, 1) AS weight FROM coverage) AS c
WHERE minute >= toStartOfMinute({since:DateTime64(6, 'UTC')}) AND minute < {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
GROUP BY server_id
ORDER BY ifNull(share, share_complete), server_id
LIMIT {limit:UInt32}
