-- Calls that changed something, or were to. Without headers, bodies and queries, where secrets are.

create sequence audit_entry_id start with 1 increment by 100;

create table audit_entry (
    id bigint primary key,
    happened_at timestamp(6) with time zone not null,
    -- Empty for nobody in particular, as for the role and the source.
    who varchar(64) not null,
    role varchar(16) not null,
    address varchar(64) not null,
    source varchar(16) not null,
    method varchar(16) not null,
    path varchar(1000) not null,
    detail varchar(1000) not null,
    status int not null,
    millis bigint not null,
    request varchar(100) not null
);
create index audit_entry_who on audit_entry (who, id);
create index audit_entry_happened on audit_entry (happened_at);
