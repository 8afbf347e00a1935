-- What happened per minute, by server, user, database, command and statement. A prepare and its executions are different
-- commands of one statement. durations are a state: quantilesTDigestMerge(0.5, 0.95, 0.99)(durations).
CREATE VIEW activity_per_minute AS
SELECT minute, server_id, user_name, database_name, command, statement_digest, events, errors, unanswered, returned_rows, affected_rows, request_bytes, response_bytes, duration_us, max_duration_us, without_index, durations
FROM activity_rollup FINAL
ARRAY JOIN user_name, database_name, command, statement_digest, events, errors, unanswered, returned_rows, affected_rows, request_bytes, response_bytes, duration_us, max_duration_us, without_index, durations
