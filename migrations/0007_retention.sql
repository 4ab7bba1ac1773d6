-- Whole days are dropped when they are old; and what the operator's commands need to show a stored record as the log tells it.

-- The last columns, as they came last: COPY and the comparison of rows follow the order of the table.
alter table mail
    -- Whether a line told the sender; an unknown sender is no null sender.
    add column is_sender_known boolean not null default true,
    -- Who can act, without a viewer, where actor says something else ("you"); NULL: what actor says.
    add column party text collate "C";

-- Drops the partitions of a day; false when there are none.
--
-- SECURITY DEFINER, because only the owner can drop a table. It takes a date, no text; its search path is fixed, only ingest may call it, and
-- today and the days to come, which are made ahead, are refused. Nobody waits long for it: it gives up when it cannot have the tables soon,
-- because everybody else would stand in the queue behind it.
create function drop_mail_day(dropped date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
    parent text;
    today date := (now() at time zone 'UTC')::date;
begin
    if dropped between today and today + 3 then
        raise exception 'the day % is not old and is not dropped', dropped using errcode = 'check_violation';
    end if;
    -- Not while a worker makes days.
    perform pg_advisory_xact_lock(hashtext('mailfate.ensure_mail_days'));
    if not exists (select from public.mail_day m where m.day = dropped) then
        return false;
    end if;
    -- Both at once and in the order in which writing takes them, so that nobody waits in a circle.
    lock table only public.mail, only public.mail_trail in access exclusive mode;
    foreach parent in array array['mail', 'mail_trail'] loop
        execute format('drop table public.%I', parent || to_char(dropped, '_YYYYMMDD'));
    end loop;
    delete from public.mail_day m where m.day = dropped;
    return true;
end
$$;
revoke all on function drop_mail_day(date) from public;
grant execute on function drop_mail_day(date) to mailfate_ingest;
