-- Turns are kept until every environment has repeated its own, which takes 30 s while requests are refused: one that starts,
-- as all do in a deploy, hears all of them and not a sixth (000011). Others still read only what is new to them.
do $$
declare
  written constant text := pg_get_functiondef('public.roll_up_backlog(timestamptz)'::regprocedure);
  longer constant text := replace(written, 'at - interval ''5 seconds'' and', 'at - interval ''40 seconds'' and');
begin
  if longer = written then raise exception 'roll_up_backlog is not that of 000011'; end if;
  execute longer;
end $$;
