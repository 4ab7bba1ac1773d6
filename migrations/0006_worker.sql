-- What the worker needs to lose nothing and to write nothing twice, and what it tells the portal about its sources.

-- Trails are packed with a dictionary of mail log lines (store/src/mail/trail.rs): a quarter of the text, and less work than PostgreSQL's
-- own compression, which begins at 2 kB and knows nothing of other rows. Text of before is told by its first byte.
alter table mail_trail alter column trail type bytea using convert_to(trail, 'UTF8');
alter table mail_trail alter column trail set storage external;

-- ---- sources -----------------------------------------------------------------------------------

alter table source
    -- Lines of mail programs, in total: what `unrecognised` is a share of.
    add column mail_lines bigint not null default 0,
    -- Received and not yet safe in the tables.
    add column spooled_bytes bigint not null default 0,
    -- In words, while a source cannot be read; else NULL.
    add column problem text;
grant select (mail_lines, spooled_bytes, problem) on source to mailfate_portal;

-- Stretches of time of which lines are missing for good.
create table source_gap (
    source text not null,
    kind text collate "C" not null,
    -- The newest line before it. NULL: none was read before.
    from_at timestamptz,
    -- When it was noticed.
    noticed_at timestamptz not null,
    -- How many are missing, where that is known.
    lines bigint,
    bytes bigint,
    -- In words, with file names: for operators.
    detail text not null
);
-- The same gap, noticed again after a crash, is one gap.
create unique index source_gap_once on source_gap (source, kind, coalesce(from_at, '-infinity'), detail);
create index source_gap_noticed_at on source_gap (noticed_at);
grant select on source_gap to mailfate_portal;
grant select, insert on source_gap to mailfate_ingest;

-- Lines of mail programs that no dialect understood, one of each shape.
create table source_sample (
    source text not null,
    -- Hash of the program and of the words without numbers and addresses.
    shape bigint not null,
    program text not null,
    line text not null,
    -- Roughly: lines that are read again after a crash count again.
    seen bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (source, shape)
);
-- Raw lines of everybody's mail: for those who see everything.
alter table source_sample enable row level security;
alter table source_sample force row level security;
create policy source_sample_for_operators on source_sample for select to mailfate_portal using (
    (select current_setting('mailfate.sees_all', true) = 'on')
);
grant select on source_sample to mailfate_portal;
grant select, insert, update on source_sample to mailfate_ingest;

-- ---- the worker --------------------------------------------------------------------------------

-- Who follows a source: the number of one run of one program. The advisory lock that goes with it ends with the connection; this tells
-- whoever comes back whether somebody else was here meanwhile.
create table source_lease (
    source text primary key,
    holder bigint not null,
    since timestamptz not null
);
grant select, insert, update on source_lease to mailfate_ingest;

-- Records written since the worker's state was saved, 16 bytes each, batch by batch. After a crash the lines are read again; a record that
-- is not made again the same way is taken back.
create table worker_journal (
    worker text not null,
    batch bigint generated always as identity,
    records bytea not null,
    primary key (worker, batch)
);
grant select, insert, delete on worker_journal to mailfate_ingest;

-- Mails that may go on after a long while, deferred ones above all: written out so that memory stays flat, and found again when a late line
-- names one of their queue ids. Saved with the worker's state, never apart from it.
create table parked_mail (
    worker text not null,
    entry bigint not null,
    -- Hashes of queue ids.
    keys bigint[] not null,
    -- Nobody asks for it after this moment.
    until timestamptz not null,
    state bytea not null,
    primary key (worker, entry)
);
create index parked_mail_keys on parked_mail using gin (keys) with (fastupdate = off);
create index parked_mail_until on parked_mail (worker, until);
alter table parked_mail alter column state set compression lz4;
grant select, insert, update, delete on parked_mail to mailfate_ingest;

-- ---- days --------------------------------------------------------------------------------------

-- A day far ahead comes from a wrong clock. It is never old by its name, so its age is counted from the day on which it was made.
alter table mail_day add column made_at timestamptz not null default now();

-- Makes the partitions of these days where they are missing, and says for which it does not.
--
-- Clocks of servers go wrong: a mail of 1970 or of next year is kept under the day that its server believed in. So that a clock gone wild
-- does not make partitions without end, there may be a hundred such days.
drop function ensure_mail_days(date[]);
create function ensure_mail_days(days date[]) returns date[]
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    wanted date;
    parent text;
    partition_name text;
    today date := (now() at time zone 'UTC')::date;
    odd_days int;
    refused date[] := '{}';
begin
    if not exists (select from unnest(days) as d (day) where not exists (select from public.mail_day m where m.day = d.day)) then
        return refused;
    end if;
    -- Two workers may meet the same new day.
    perform pg_advisory_xact_lock(hashtext('mailfate.ensure_mail_days'));
    select count(*) into odd_days from public.mail_day m where m.day < date '2000-01-01' or m.day > today + 3;
    for wanted in
        select distinct d.day from unnest(days) as d (day)
        where not exists (select from public.mail_day m where m.day = d.day)
        order by 1
    loop
        if wanted < date '2000-01-01' or wanted > today + 3 then
            odd_days := odd_days + 1;
            if odd_days > 100 or wanted < date '1970-01-01' or wanted > date '2199-12-31' then
                refused := refused || wanted;
                continue;
            end if;
        end if;
        foreach parent in array array['mail', 'mail_trail'] loop
            partition_name := parent || to_char(wanted, '_YYYYMMDD');
            -- Made apart and attached: CREATE TABLE .. PARTITION OF would wait for, and hold up, every reader of the parent.
            execute format(
                'create table public.%I (like public.%I including defaults including storage including compression)',
                partition_name, parent
            );
            -- No policy: whoever asks a partition directly, around the parent's policy, sees nothing.
            execute format('alter table public.%I enable row level security, force row level security', partition_name);
            execute format(
                'alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                parent, partition_name, wanted || ' 00:00:00+00', (wanted + 1) || ' 00:00:00+00'
            );
        end loop;
        insert into public.mail_day (day) values (wanted);
    end loop;
    return refused;
end
$$;
revoke all on function ensure_mail_days(date[]) from public;
grant execute on function ensure_mail_days(date[]) to mailfate_ingest;
