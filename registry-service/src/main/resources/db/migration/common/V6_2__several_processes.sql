-- Counts what processes keep in memory and others change: accounts, robots and policies.
create table change_counter (
    name varchar(64) primary key,
    version bigint not null
);
insert into change_counter (name, version) values ('directory', 0);

-- Public parts of the keys that sign tokens, for all processes to verify by; each keeps the private part of its own to itself.
create table signing_key (
    kid varchar(64) primary key,
    public_key varchar(2000) not null,
    created_at timestamp(6) with time zone not null,
    verifies_until timestamp(6) with time zone not null,
    -- Nothing is to be signed with it any more.
    retired boolean not null
);
