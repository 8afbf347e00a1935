-- How much of a server's traffic in a minute is in the trail, and where the rest went.
--
-- share_complete: packets, connections and bytes of the edge are three views of one stream, so the worst of them counts; every
-- other unit of a stage is a further sieve, so their shares multiply. What is still open counts neither way, a unit without
-- entries as 1. lost is keyed `stage.unit.reason`. NULL where no stage reported. What the watcher and alerts lose is no part of the
-- trail.
--
-- executed: statements of clients as the server counted them, without the watcher's. Compared with seen only where the minute was
-- measured whole (measured_ms = 60000): then executed = least(seen, executed) + all of missing.
-- missing: first what the server says came over unix sockets, TLS and otherwise unseen; of the rest each reason takes what the
-- ledger's losses come to in statements, in proportion where that is more than the rest; what is left is unexplained.
CREATE OR REPLACE VIEW coverage AS
SELECT
    minute,
    server_id,
    if(has_ledger, stream_share * sieve_share, NULL) AS share_complete,
    events,
    open_events,
    lost,
    impaired,
    executed,
    seen,
    if(is_whole, if(ifNull(executed, 0) = 0, 1, least(seen / executed, 1)), NULL) AS share,
    CAST(if(is_whole, mapFilter((reason, n) -> n > 0, mapFromArrays(
        arrayConcat(['unix_socket', 'tls', 'other_channel', 'not_reported'], weight_keys, ['unexplained']),
        arrayMap((sum, before) -> toUInt64(sum - before), sums, arrayPopBack(arrayPushFront(sums, toUInt64(0)))))), map()), 'Map(String, UInt64)') AS missing,
    measured_ms,
    uncertainty_ms,
    restarts,
    flushes
FROM
(
    -- Sums up to each reason: rounded such that their differences add up.
    SELECT
        *,
        arrayConcat(
            known_sums,
            [if(has_edge, known_sums[3], absent)],
            arrayMap(sum -> toUInt64(known_sums[3] + round(sum * if(weight_sums[-1] > rest, rest / weight_sums[-1], 1))), weight_sums),
            [absent]) AS sums
    FROM
    (
        SELECT
            *,
            toUInt64(absent - known_sums[3]) AS rest,
            mapKeys(weights) AS weight_keys,
            arrayCumSum(mapValues(weights)) AS weight_sums
        FROM
        (
            SELECT
                *,
                arrayMap(sum -> toUInt64(least(sum, absent)), arrayCumSum([channels['socket'], channels['tls'], channels['other']])) AS known_sums,
                mapFilter((reason, weight) -> weight > 0 AND has_edge, CAST(map(
                    'capture_not_running', if(lost['edge.seconds.capture_not_running'] > 0, (lost['edge.seconds.capture_not_running'] + 1) * peak_per_second, 0),
                    'drop', dropped_packets * per_packet,
                    'gap', greatest(lost['edge.bytes.gap'] * per_byte - dropped_packets * per_packet, 0),
                    'unreadable', lost['edge.bytes.unreadable'] * per_byte,
                    'shed', greatest(lost['edge.bytes.shed'] * per_byte, lost['edge.packets.shed'] * per_packet),
                    'sampled_out', greatest(lost['edge.bytes.sampled_out'] * per_byte, lost['edge.packets.sampled_out'] * per_packet),
                    'spool_overflow', lost['edge.messages.spool_overflow'] * per_message,
                    'expired', lost['decode.records.expired'] * per_record,
                    'dead_letter', lost['decode.records.dead_letter'] * per_record,
                    'in_processing', lost_events), 'Map(String, Float64)')) AS weights
            FROM
            (
                SELECT
                    *,
                    measured_ms >= 60000 AS is_whole,
                    toUInt64(if(ifNull(executed, 0) > seen, ifNull(executed, 0) - seen, 0)) AS absent,
                    -- What one unit of each kind comes to in statements, by what was passed on in the same minute. A run keeps no
                    -- ledger behind its capture.
                    if(events > 0, events, seen) AS arrived,
                    if(passed['edge.packets'] > 0 AND arrived > 0, arrived / passed['edge.packets'], 0.5) AS per_packet,
                    if(passed['edge.bytes'] > 0 AND arrived > 0, arrived / passed['edge.bytes'], 0.01) AS per_byte,
                    if(passed['edge.messages'] > 0 AND arrived > 0, arrived / passed['edge.messages'], 0.5) AS per_message,
                    if(passed['decode.records'] > 0 AND arrived > 0, arrived / passed['decode.records'], 100) AS per_record,
                    lost['edge.packets.kernel_drop'] + lost['edge.packets.interface_drop'] AS dropped_packets
                FROM
                (
                    SELECT
                        minute,
                        server_id,
                        max(l.has_ledger) AS has_ledger,
                        max(l.has_edge) AS has_edge,
                        max(l.has_counters) AS has_counters,
                        min(l.stream_share) AS stream_share,
                        min(l.sieve_share) AS sieve_share,
                        sum(l.events) AS events,
                        sum(l.open_events) AS open_events,
                        sum(l.lost_events) AS lost_events,
                        sumMap(l.lost) AS lost,
                        sumMap(l.impaired) AS impaired,
                        sumMap(l.passed) AS passed,
                        if(has_counters, sum(l.executed), NULL) AS executed,
                        sum(l.seen) AS seen,
                        sumMap(l.channels) AS channels,
                        sum(l.measured_ms) AS measured_ms,
                        sum(l.uncertainty_ms) AS uncertainty_ms,
                        sum(l.restarts) AS restarts,
                        sum(l.flushes) AS flushes,
                        sum(l.peak_per_second) AS peak_per_second
                    FROM
                    (
                        SELECT
                            minute,
                            server_id,
                            max(is_of_trail) AS has_ledger,
                            max(stage = 'edge') AS has_edge,
                            false AS has_counters,
                            ifNull(minOrNullIf(share, is_stream), 1) AS stream_share,
                            arrayProduct(groupArrayIf(share, is_of_trail AND NOT is_stream)) AS sieve_share,
                            sumIf(passed_on, stage = 'decode' AND unit = 'events') AS events,
                            sumIf(open, stage = 'decode' AND unit = 'events') AS open_events,
                            sumIf(arraySum(mapValues(reasons)), is_of_trail AND unit = 'events') AS lost_events,
                            sumMap(reasons) AS lost,
                            sumMapIf(impaired, stage = 'decode' AND unit = 'events') AS impaired,
                            sumMap(map(concat(stage, '.', unit), passed_on)) AS passed,
                            toUInt64(0) AS executed,
                            toUInt64(0) AS seen,
                            CAST(map(), 'Map(String, UInt64)') AS channels,
                            toUInt64(0) AS measured_ms,
                            toUInt64(0) AS uncertainty_ms,
                            toUInt64(0) AS restarts,
                            toUInt64(0) AS flushes,
                            toUInt64(0) AS peak_per_second
                        FROM
                        (
                            SELECT
                                minute,
                                server_id,
                                toString(e.stage) AS stage,
                                toString(e.unit) AS unit,
                                stage = 'edge' AND unit IN ('packets', 'connections', 'bytes') AS is_stream,
                                    stage NOT IN ('watch', 'alert') AS is_of_trail,
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
                        UNION ALL
                        -- One reader of a minute counts, the one that measured most of it: several would count the same twice.
                        SELECT
                            minute,
                            server_id,
                            false, false, true, 1, 1, toUInt64(0), toUInt64(0), toUInt64(0),
                            CAST(map(), 'Map(String, UInt64)'),
                            CAST(map(), 'Map(String, UInt64)'),
                            CAST(map(), 'Map(String, UInt64)'),
                            argMax(toUInt64(s.questions - least(s.own_questions, s.questions)), s.measured_ms),
                            toUInt64(0),
                            CAST(argMax(s.channels, s.measured_ms), 'Map(String, UInt64)'),
                            max(s.measured_ms),
                            argMax(s.uncertainty_ms, s.measured_ms),
                            argMax(s.restarts, s.measured_ms),
                            argMax(s.flushes, s.measured_ms),
                            argMax(s.peak_per_second, s.measured_ms)
                        FROM server_minutes AS s FINAL
                        GROUP BY minute, server_id
                        UNION ALL
                        SELECT
                            minute,
                            server_id,
                            false, false, false, 1, 1, toUInt64(0), toUInt64(0), toUInt64(0),
                            CAST(map(), 'Map(String, UInt64)'),
                            CAST(map(), 'Map(String, UInt64)'),
                            CAST(map(), 'Map(String, UInt64)'),
                            toUInt64(0), toUInt64(p.seen), CAST(map(), 'Map(String, UInt64)'), toUInt64(0), toUInt64(0), toUInt64(0), toUInt64(0), toUInt64(0)
                        FROM seen_per_minute AS p
                    ) AS l
                    GROUP BY minute, server_id
                    HAVING has_ledger OR has_counters
                )
            )
        )
    )
)
