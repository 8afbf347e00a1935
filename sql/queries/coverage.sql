-- title: Coverage: how much of each server's traffic is in the trail, per minute, the worst first
-- description: share_complete estimates it from what every stage lost; lost says where, as stage.unit.reason. Minutes nobody
-- description: watched and nobody reported have no line. Impaired events are in the trail, but not whole.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: limit UInt32 = 100
SELECT minute, server_id, floor(share_complete, 6) AS share_complete, events, open_events, lost, impaired
FROM coverage
WHERE minute >= toStartOfMinute({since:DateTime64(6, 'UTC')}) AND minute <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
ORDER BY coverage.share_complete, minute DESC, server_id
LIMIT {limit:UInt32}
