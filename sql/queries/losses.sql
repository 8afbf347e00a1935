-- title: Losses: bytes that no event tells of, by server, client and reason
-- description: gap was never captured, tls is encrypted, unreadable was not understood as MySQL.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
SELECT
    server_id,
    client_address,
    reason,
    count() AS spans,
    uniqExact(connection_uid) AS connections,
    sumIf(bytes, from_client) AS client_bytes,
    sumIf(bytes, NOT from_client) AS server_bytes,
    min(loss_time) AS first_loss,
    max(loss_time) AS last_loss
FROM losses
WHERE loss_time >= {since:DateTime64(6, 'UTC')} AND loss_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({client:String} = '' OR client_address = {client:String})
GROUP BY server_id, client_address, reason
ORDER BY client_bytes + server_bytes DESC, server_id, client_address, reason
LIMIT {limit:UInt32}
