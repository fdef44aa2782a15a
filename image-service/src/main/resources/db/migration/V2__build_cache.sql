-- Results of build steps, by the digest of everything that goes into one. A key is sha256:<64>.
CREATE TABLE build_cache (
    cache_key    VARCHAR(71)  PRIMARY KEY,
    kind         VARCHAR(32)  NOT NULL,
    description  VARCHAR(1024) NOT NULL,
    diff_id      VARCHAR(135),
    directory    VARCHAR(128),
    parent_key   VARCHAR(71),
    content_size BIGINT       NOT NULL,
    created_at   TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    used_at      TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    uses         INTEGER      NOT NULL
);

CREATE INDEX build_cache_diff_id ON build_cache (diff_id);
