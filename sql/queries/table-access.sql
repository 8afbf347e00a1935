-- title: Who touched a table: users and statements that name it (needs --table)
-- description: The table as `db.table` or `table`; a name without schema finds it in every schema, a name with one also
-- description: the statements that relied on the default schema of that name.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: table String
-- parameter: user String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
WITH
    splitByChar('.', {table:String}) AS parts,
    arrayElement(parts, -1) AS bare_name,
    if(length(parts) > 1, arrayElement(parts, 1), '') AS schema_name
SELECT
    user_name,
    client_address,
    statement_kind,
    count() AS executions,
    countIf(status = 'error') AS errors,
    sum(returned_rows) AS returned_rows,
    sum(affected_rows) AS affected_rows,
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    any(statement_masked) AS statement_masked
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
  AND ({client:String} = '' OR client_address = {client:String})
  AND statement_digest IN (SELECT digest FROM statements WHERE arrayExists(t -> lower(t) = lower({table:String}) OR lower(t) = lower(bare_name) OR (schema_name = '' AND endsWith(lower(t), concat('.', lower(bare_name)))), tables))
  AND (schema_name = '' OR arrayExists(t -> lower(t) = lower({table:String}), tables) OR lower(database_name) = lower(schema_name))
  AND command != 'prepare'
GROUP BY user_name, client_address, statement_kind, statement_digest
ORDER BY executions DESC, user_name, client_address, statement_kind, statement_digest
LIMIT {limit:UInt32}
