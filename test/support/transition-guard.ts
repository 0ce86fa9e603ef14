import { transitions } from '../../lambda/domain/transitions.ts';

/*
 * A trigger of the tests' databases. A function that changes the status of an image in a way that is not in the table of
 * transitions fails there, whatever the test is about. The superuser arranges rows as it likes.
 */
const allowed = transitions.flatMap(({ owner, from, to }) =>
  from.map((state) => `sluice_${owner} ${state} ${to}`),
);

export const transitionGuard = [
  `create function refuse_unknown_transition() returns trigger language plpgsql as $$
   declare
     was text := case when tg_op = 'INSERT' then 'none' else old.status end;
     change text := session_user || ' ' || was || ' ' || new.status;
   begin
     if not (select rolsuper from pg_roles where rolname = session_user)
       and change <> all(array['${allowed.join("', '")}']) then
       raise exception 'not in lambda/domain/transitions.ts: %', change using errcode = '23514';
     end if;
     return null;
   end $$`,
  `create trigger refuse_unknown_transition_of_new after insert on image
   for each row execute function refuse_unknown_transition()`,
  `create trigger refuse_unknown_transition after update on image
   for each row when (old.status is distinct from new.status) execute function refuse_unknown_transition()`,
];
