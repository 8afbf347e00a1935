-- Which windows of which scheduled detections were evaluated, and with what knowledge. version: ns since the epoch, from before the
-- facts were read: a window is due again when one of its minutes was marked later (`rollup_marks`). Kept as long as marks are.
CREATE TABLE detection_windows
(
    detection    LowCardinality(String),
    window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
    version      UInt64,
    findings     UInt32
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(window_start)
ORDER BY (detection, window_start)
TTL toDateTime(intDiv(version, 1000000000)) + toIntervalDay(91)
