-- Whose a connection is, where that became known only after its first events: what the server's process list said. Facts stay as
-- they are; the view `audit` and the rollups put the two together. It holds for events before user_until and database_until that
-- do not say themselves. The newest version of a connection counts.
CREATE TABLE connection_users
(
    connection_uid FixedString(32) CODEC(ZSTD(1)),
    server_id      LowCardinality(String),
    user_name      LowCardinality(String),
    user_until     DateTime64(6, 'UTC'),
    database_name  LowCardinality(String),
    database_until DateTime64(6, 'UTC'),
    connection_id  UInt64,
    client_program LowCardinality(String),
    known_at       DateTime64(6, 'UTC'),
    version        UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY connection_uid
SETTINGS non_replicated_deduplication_window = 1000
