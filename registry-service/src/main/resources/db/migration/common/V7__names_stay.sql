-- Repositories are never removed: a name, once used, stays, and rights are granted to names and asked for with each request. So no
-- token can outlive the repository that it was made for, and this was never filled.
drop table removed_repository;
