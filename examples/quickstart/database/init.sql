-- Runs once, when the database is empty. PostgREST signs in as `authenticator` and answers visitors as `visitor`,
-- who may read one table and nothing else.
\set password `cat /run/secrets/api-db-password`

create role visitor nologin;
create role authenticator noinherit login password :'password';
grant visitor to authenticator;

create schema api;
create table api.greetings (
  id bigint generated always as identity primary key,
  text text not null
);
insert into api.greetings (text) values ('Hello from behind ten rings.');

grant usage on schema api to visitor;
grant select on api.greetings to visitor;

revoke create on schema public from public;
revoke connect on database app from public;
grant connect on database app to authenticator;
