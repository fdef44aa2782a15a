-- One row for each network. "spec" is what it was made with, and the subnets that were chosen for it (JSON). Which addresses are
-- in use is not kept here: the containers that run have them.
create table network (
    id   varchar(64)      not null primary key,
    spec varchar(1000000) not null
);
-- A container's connections while it runs, and where it was connected when it ran last (JSON); null before its first start.
alter table container add column network varchar(1000000);
