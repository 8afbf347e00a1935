-- title: Coverage by minute: how much of each server's traffic is in the trail, the worst first
-- description: executed, seen, share and missing as in coverage. share_complete estimates the share from what every stage lost; lost
-- description: says where, as stage.unit.reason. Minutes nobody watched and nobody reported have no line. Impaired events are in the
-- description: trail, but not whole.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: limit UInt32 = 100
SELECT
    minute,
    server_id,
    executed,
    seen,
    floor(coverage.share, 6) AS share,
    missing,
    floor(coverage.share_complete, 6) AS share_complete,
    events,
    open_events,
    lost,
    impaired,
    measured_ms,
    uncertainty_ms,
    restarts,
    flushes
FROM coverage
WHERE minute >= toStartOfMinute({since:DateTime64(6, 'UTC')}) AND minute < {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
ORDER BY ifNull(coverage.share, coverage.share_complete), minute DESC, server_id
LIMIT {limit:UInt32}
