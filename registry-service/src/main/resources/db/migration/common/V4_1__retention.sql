-- When a manifest was last pulled, to the minute or so; no row while nobody has pulled it.
create table manifest_pull (
    repository_id bigint not null,
    digest varchar(135) not null,
    pulled_at timestamp(6) with time zone not null,
    primary key (repository_id, digest),
    constraint manifest_pull_manifest foreign key (repository_id, digest)
        references manifest (repository_id, digest) on delete cascade
);

-- Tags that no retention rule keeps any more, and since when.
create table expiring_tag (
    repository_id bigint not null,
    name varchar(128) not null,
    digest varchar(135) not null,
    since timestamp(6) with time zone not null,
    primary key (repository_id, name),
    constraint expiring_tag_tag foreign key (repository_id, name)
        references tag (repository_id, name) on delete cascade
);
