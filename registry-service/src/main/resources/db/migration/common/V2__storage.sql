-- Where the content of a digest is. A location is used once: content that is pushed again gets another one, so that removing
-- what is old and storing what is new never touch the same bytes.
create table blob (
    digest varchar(135) primary key,
    size_bytes bigint not null,
    location varchar(255) not null,
    stored_at timestamp(6) with time zone not null,
    -- Set when nothing may link it any more: a candidate for collection, which looks again.
    unlinked_since timestamp(6) with time zone,
    verified_at timestamp(6) with time zone,
    damaged_at timestamp(6) with time zone,
    constraint blob_location unique (location)
);
create index blob_unlinked on blob (unlinked_since);
create index blob_verified on blob (verified_at);

insert into blob (digest, size_bytes, location, stored_at)
select digest, max(size_bytes),
    substring(digest from 1 for position(':' in digest) - 1)
        || '/' || substring(digest from position(':' in digest) + 1 for 2)
        || '/' || substring(digest from position(':' in digest) + 1 for 128),
    current_timestamp
from (select digest, size_bytes from blob_link union all select digest, size_bytes from manifest) known
group by digest;

-- The database itself refuses what must never be: a link or a manifest whose content is gone.
alter table blob_link add constraint blob_link_content foreign key (digest) references blob (digest);
alter table manifest add constraint manifest_content_stored foreign key (digest) references blob (digest);

-- Since when no manifest of the repository has named the blob; null while one may.
alter table blob_link add column unreferenced_since timestamp(6) with time zone;
update blob_link set unreferenced_since = current_timestamp;
create index blob_link_unreferenced on blob_link (unreferenced_since);

-- Since when neither tag nor index nor subject has kept the manifest; null while one may.
alter table manifest add column untagged_since timestamp(6) with time zone;
update manifest set untagged_since = current_timestamp;
create index manifest_untagged on manifest (untagged_since);
-- Whether manifest_content has what it names; manifests of before this table are read once.
alter table manifest add column contents_recorded boolean default false not null;
create index manifest_contents_recorded on manifest (repository_id, contents_recorded);

-- What a manifest names: config, layers, members of an index.
create table manifest_content (
    repository_id bigint not null references repository (id),
    manifest_digest varchar(135) not null,
    digest varchar(135) not null,
    primary key (repository_id, manifest_digest, digest)
);
create index manifest_content_by_digest on manifest_content (repository_id, digest);

-- Content to be removed: what nothing names any more, and what is being stored and not named yet.
create table content_removal (
    location varchar(255) primary key,
    size_bytes bigint not null,
    due_at timestamp(6) with time zone not null,
    claimed boolean not null
);
create index content_removal_due on content_removal (due_at);

-- Who does a periodic work at present; one process at a time, until its time is over.
create table lease (
    name varchar(64) primary key,
    holder varchar(64) not null,
    expires_at timestamp(6) with time zone not null
);
