-- title: Most frequent statements: digests by the number of executions
-- description: Who uses them, how often they fail, how many rows they return.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: client String =
-- parameter: limit UInt32 = 20
SELECT f.*, s.masked AS statement_masked
FROM
(
    SELECT
        count() AS executions,
        uniqExact(user_name) AS users,
        uniqExact(connection_uid) AS connections,
        countIf(status = 'error') AS errors,
        sum(audit.returned_rows) AS returned_rows,
        sum(audit.affected_rows) AS affected_rows,
        min(event_time) AS first_event,
        max(event_time) AS last_event,
        statement_digest
    FROM audit
    WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
      AND ({server:String} = '' OR server_id = {server:String})
      AND ({user:String} = '' OR user_name = {user:String})
      AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
      AND ({database:String} = '' OR database_name = {database:String})
      AND ({client:String} = '' OR client_address = {client:String})
      AND command IN ('query', 'execute') AND statement_digest != ''
    GROUP BY statement_digest
    ORDER BY executions DESC, statement_digest
    LIMIT {limit:UInt32}
) AS f
LEFT ANY JOIN statements AS s ON s.digest = f.statement_digest
ORDER BY executions DESC, statement_digest
