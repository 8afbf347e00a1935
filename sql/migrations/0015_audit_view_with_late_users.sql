-- The audit trail as one flat row per event, duplicates collapsed. Names and order are those of the ndjson output; behind them what
-- only the store knows: when a user from the process list became known, and how the database did.
--
-- What became known of a connection after its first events is put to those that do not say themselves. Joined for them alone, and
-- before the statements: so a condition on the user is met before texts are looked up. user_name_captured is met even before the
-- users are: who looks for one user asks for him or '' there too, and spares the join all events of the others.
-- ANY: where a digest was written twice and not merged yet, one of its equal texts is enough.
CREATE OR REPLACE VIEW audit AS
SELECT
    k.event_time AS event_time,
    k.event_id AS event_id,
    k.server_id AS server_id,
    k.connection_uid AS connection_uid,
    k.connection_id AS connection_id,
    k.client_address AS client_address,
    k.client_port AS client_port,
    k.server_address AS server_address,
    k.server_port AS server_port,
    k.server_version AS server_version,
    k.is_tls AS is_tls,
    k.user_name AS user_name,
    k.user_name_source AS user_name_source,
    k.database_name AS database_name,
    k.client_program AS client_program,
    k.command AS command,
    s.kind AS statement_kind,
    s.masked AS statement_masked,
    k.statement_digest AS statement_digest,
    k.statement_bytes AS statement_bytes,
    k.statement_hash AS statement_hash,
    s.tables AS tables,
    k.status AS status,
    k.error_code AS error_code,
    k.sql_state AS sql_state,
    k.error_message_masked AS error_message_masked,
    k.affected_rows AS affected_rows,
    k.returned_rows AS returned_rows,
    k.last_insert_id AS last_insert_id,
    k.warnings AS warnings,
    k.request_bytes AS request_bytes,
    k.response_bytes AS response_bytes,
    k.duration_us AS duration_us,
    k.first_row_us AS first_row_us,
    k.in_transaction AS in_transaction,
    k.no_index_used AS no_index_used,
    k.completeness AS completeness,
    k.rule_ids AS rule_ids,
    k.risk_level AS risk_level,
    k.statement_raw AS statement_raw,
    k.parameters AS parameters,
    k.query_attributes AS query_attributes,
    k.statement_shown AS statement_shown,
    k.user_known_at AS user_known_at,
    k.database_name_source AS database_name_source,
    k.user_name_captured AS user_name_captured
FROM
(
    SELECT
        f.event_time AS event_time,
        f.event_id AS event_id,
        f.server_id AS server_id,
        f.connection_uid AS connection_uid,
        if(f.connection_id = 0, u.connection_id, f.connection_id) AS connection_id,
        f.client_address AS client_address,
        f.client_port AS client_port,
        f.server_address AS server_address,
        f.server_port AS server_port,
        f.server_version AS server_version,
        f.is_tls AS is_tls,
        if(f.user_name_source = 'unknown' AND f.event_time < u.user_until, u.user_name, f.user_name) AS user_name,
        if(f.user_name_source = 'unknown' AND f.event_time < u.user_until, 'processlist'::Enum8('unknown' = 0, 'handshake' = 1, 'processlist' = 2, 'change_user' = 3), f.user_name_source) AS user_name_source,
        if(f.database_name = '' AND f.event_time < u.database_until, u.database_name, f.database_name) AS database_name,
        if(f.client_program = '', u.client_program, f.client_program) AS client_program,
        f.command AS command,
        f.statement_digest AS statement_digest,
        f.statement_bytes AS statement_bytes,
        f.statement_hash AS statement_hash,
        f.status AS status,
        f.error_code AS error_code,
        f.sql_state AS sql_state,
        f.error_message_masked AS error_message_masked,
        f.affected_rows AS affected_rows,
        f.returned_rows AS returned_rows,
        f.last_insert_id AS last_insert_id,
        f.warnings AS warnings,
        f.request_bytes AS request_bytes,
        f.response_bytes AS response_bytes,
        f.duration_us AS duration_us,
        f.first_row_us AS first_row_us,
        f.in_transaction AS in_transaction,
        f.no_index_used AS no_index_used,
        f.completeness AS completeness,
        f.rule_ids AS rule_ids,
        f.risk_level AS risk_level,
        f.statement_raw AS statement_raw,
        f.parameters AS parameters,
        f.query_attributes AS query_attributes,
        f.statement_shown AS statement_shown,
        if(u.version > 0 AND f.event_time < u.user_until, toNullable(u.known_at), NULL) AS user_known_at,
        multiIf(f.database_name = '' AND (u.database_name = '' OR f.event_time >= u.database_until), 'unknown', u.version > 0 AND f.event_time < u.database_until, 'processlist', 'captured') AS database_name_source,
        f.user_name AS user_name_captured
    FROM audit_events AS f FINAL
    LEFT ANY JOIN
    (
        SELECT connection_uid, user_name, user_until, database_name, database_until, connection_id, client_program, known_at, version
        FROM connection_users FINAL
    ) AS u ON u.connection_uid = f.connection_uid AND f.user_name_source IN ('unknown', 'processlist')
) AS k
LEFT ANY JOIN statements AS s ON s.digest = k.statement_digest
