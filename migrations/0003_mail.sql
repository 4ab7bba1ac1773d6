-- The mail log: one row per record and hosted domain that it concerns, in a partition for each day (UTC) of connected_at.
--
-- No foreign keys: rows come by COPY, days are dropped whole, and the same tables can be distributed by domain_id.
-- Wide columns of fixed size stand first, so that no space is lost to alignment.
create table mail (
    connected_at timestamptz not null,
    finished_at timestamptz,
    next_attempt_at timestamptz,
    size bigint,
    delay_total_ms bigint,
    delay_queue_ms bigint,
    delay_connect_ms bigint,
    delay_transmit_ms bigint,
    delay_scan_ms bigint,
    greylisted_ms bigint,
    -- Its first 48 bits are connected_at in milliseconds, so the id alone leads to the partition.
    record_id uuid not null,
    asn bigint,
    domain_id int not null,
    attempts int not null,
    spam_score real,
    final boolean not null,
    incomplete boolean not null,
    -- Made by always_bcc or an archive: hidden from tenants by the policy below.
    is_copy boolean not null,
    direction text collate "C" not null,
    outcome text collate "C" not null,
    reason text collate "C" not null,
    actor text collate "C" not null,
    confidence text collate "C" not null,
    server text not null,
    -- Lower case; empty is the null sender.
    sender text collate "C" not null,
    -- Lower case; empty when the session never named one.
    recipient text collate "C" not null,
    original_recipient text collate "C",
    message_id text collate "C",
    subject text,
    client_ip inet,
    country text collate "C",
    client_name text,
    helo text,
    sasl_user text,
    tls text,
    queue_ids text[] collate "C" not null,
    relay text,
    relay_ip inet,
    dsn text collate "C",
    reply text,
    content text collate "C",
    quarantine_id text,
    -- Name of the operator of client_ip's network.
    network text,
    -- Serves the newest-first list (read backwards) and duplicate protection.
    primary key (domain_id, connected_at, record_id)
) partition by range (connected_at);

-- Exact addresses. Equality in collation C is leakproof, so these indexes work under row level security.
create index mail_sender on mail (domain_id, sender);
create index mail_recipient on mail (domain_id, recipient);
-- Only mail that an alias changed has one.
create index mail_original_recipient on mail (domain_id, original_recipient) where original_recipient is not null;
-- A hash index costs a sixth of a B-tree at writing, and nobody sorts by Message-ID.
create index mail_message_id on mail using hash (message_id);

-- The ordered events of a record with their raw lines: read only for one mail, so kept out of the way of searches.
create table mail_trail (
    connected_at timestamptz not null,
    record_id uuid not null,
    domain_id int not null,
    -- As in mail: the policy below hides copies from tenants without looking there.
    is_copy boolean not null,
    -- JSON: [[microseconds, server, program, kind, queue id or null, text], ...]
    trail text compression lz4 not null,
    primary key (domain_id, connected_at, record_id)
) partition by range (connected_at);

alter table mail enable row level security;
alter table mail force row level security;
-- array_position() instead of = any(): the planner would take the latter for a second index condition beside the query's own
-- domain_id = $1 and choose the wrong index (8 to 18 times slower).
create policy mail_in_scope on mail for select to mailfate_portal using (
    (select current_setting('mailfate.sees_all', true) = 'on')
    or (
        array_position((select nullif(current_setting('mailfate.domain_ids', true), '')::int[]), domain_id) is not null
        and not is_copy
    )
);

alter table mail_trail enable row level security;
alter table mail_trail force row level security;
create policy mail_trail_in_scope on mail_trail for select to mailfate_portal using (
    (select current_setting('mailfate.sees_all', true) = 'on')
    or (
        array_position((select nullif(current_setting('mailfate.domain_ids', true), '')::int[]), domain_id) is not null
        and not is_copy
    )
);

-- Which days have a partition, so that a search knows where to begin, what to skip and where to end.
create table mail_day (
    day date primary key
);

-- Makes the partitions of these days where they are missing.
--
-- SECURITY DEFINER, because only the owner of a table can attach partitions to it and ingest shall own nothing. It takes dates, no text;
-- its search path is fixed, and only ingest may call it. There is no default partition: it would have to be scanned at each new day.
create function ensure_mail_days(days date[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    wanted date;
    parent text;
    partition_name text;
    today date := (now() at time zone 'UTC')::date;
begin
    if not exists (select from unnest(days) as d (day) where not exists (select from public.mail_day m where m.day = d.day)) then
        return;
    end if;
    -- Two workers may meet the same new day.
    perform pg_advisory_xact_lock(hashtext('mailfate.ensure_mail_days'));
    for wanted in
        select distinct d.day from unnest(days) as d (day)
        where not exists (select from public.mail_day m where m.day = d.day)
        order by 1
    loop
        if wanted < date '2000-01-01' or wanted > today + 3 then
            raise exception 'no partition is made for the day %', wanted using errcode = 'check_violation';
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
end
$$;
revoke all on function ensure_mail_days(date[]) from public;
grant execute on function ensure_mail_days(date[]) to mailfate_ingest;

grant select on mail, mail_trail, mail_day to mailfate_portal;
grant select, insert, update on mail, mail_trail to mailfate_ingest;
grant select on mail_day to mailfate_ingest;
