-- The masked text of every distinct statement, once per digest. Writing a digest again is harmless: first_seen keeps the
-- earliest time, the rest keeps the latest (a newer version may have read more out of the same text).
CREATE TABLE statements
(
    digest     String CODEC(ZSTD(1)),
    masked     SimpleAggregateFunction(anyLast, String) CODEC(ZSTD(3)),
    kind       SimpleAggregateFunction(anyLast, LowCardinality(String)),
    tables     SimpleAggregateFunction(anyLast, Array(String)),
    parse      SimpleAggregateFunction(anyLast, Enum8('parsed' = 0, 'failed' = 1, 'too_long' = 2, 'skipped' = 3)),
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY digest
SETTINGS non_replicated_deduplication_window = 1000
