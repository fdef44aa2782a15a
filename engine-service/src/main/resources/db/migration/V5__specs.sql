-- What a container is made of is long and hardly ever changes; its state is short and changes with each start and end. H2 writes
-- whole pages, so they are kept apart.
create table container_spec (
    id   varchar(64)      not null primary key,
    spec varchar(1000000) not null
);
insert into container_spec (id, spec) select id, spec from container;
alter table container drop column spec;
