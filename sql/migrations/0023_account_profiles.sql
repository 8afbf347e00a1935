-- What each account was seen with, and since when: kind is client (address), program, digest, verb (a class of statements), table,
-- hour (of the day, UTC) or account (itself). Written by the scheduler, again without harm: earliest and latest times.
CREATE TABLE account_profiles
(
    server_id  LowCardinality(String),
    user_name  LowCardinality(String),
    kind       LowCardinality(String),
    value      String CODEC(ZSTD(1)),
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_seen  SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    days       AggregateFunction(uniq, Date)
)
ENGINE = AggregatingMergeTree
ORDER BY (server_id, user_name, kind, value)
