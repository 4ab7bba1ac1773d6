### Sentences of the pages, made on the server. Times, sizes and durations come formatted.

## The mail log

log-summary = { $count ->
    [0] No mail
    [one] 1 mail
   *[other] { $count } mails, newest first
}
row-label = { $outcome }: mail from { $sender } to { $recipient }, { $day } { $time }
party-no-sender = Mail system (no sender)
party-no-recipient = No recipient named
row-written-to = written to { $address }
note-bad-day = “{ $value }” is not a day, so it was left out. Days look like 2026-11-22.
note-bad-outcome = “{ $value }” is not an outcome, so it was left out.
note-unknown-domain = “{ $value }” is not one of your domains.
fresh-complete = Complete to { $time }
fresh-sources = { $all ->
    [one] { $current } of 1 source up to date
   *[other] { $current } of { $all } sources up to date
}
fresh-newest = newest line { $ago } ago
fresh-no-source = No log has been read yet
fresh-unreadable = { $count ->
    [one] 1 source cannot be read just now
   *[other] { $count } sources cannot be read just now
}
fresh-gaps = lines are missing
fresh-more-gaps = { $count ->
    [one] Lines are missing once more.
   *[other] Lines are missing { $count } more times.
}
fresh-problem = Source { $name } cannot be read just now.
fresh-problem-words = Source { $name } cannot be read just now: { $problem }
fresh-unparsed = Source { $name }: { $share } of the mail lines were not understood.
fresh-spooled = Source { $name }: { $size } are received and not yet stored.
gap-between = Lines are missing between { $since } and { $until }
gap-before = Lines are missing before { $until }
gap-details = {" "}({ $details })
gap-source = source { $name }
gap-lines = { $count ->
    [one] about 1 line
   *[other] about { $shown } lines
}
clock-ahead = the server's clock was ahead

## Nothing found

finding-title = Nothing found, and that is a finding
finding-title-goes-on = Nothing in the newest part
finding-title-empty-log = No mail yet
finding-not-seen = None of our servers saw such a mail for your domains.
finding-goes-on = The search was stopped to answer in time. Go on with “Older”, or narrow it.
finding-empty-log = As soon as one of our servers handles mail for your domains, it stands here within seconds.
finding-complete = { $count ->
    [one] Our log is complete to { $time }.
   *[other] All { $count } log sources are complete to { $time }.
}
finding-no-source = No log has been read yet, so nothing can be said about later mail.
finding-what-now = If the sender did send it, it was stopped before it reached us: the sender's provider can say where. Otherwise check the spelling, or leave out a filter.
finding-what-now-outbound = If you sent it, it did not reach our server: look into the outbox of your mail program. Otherwise check the spelling, or leave out a filter.
finding-title-gap = Nothing found, but lines are missing
finding-not-seen-gap = What we have of the log shows no such mail for your domains. A part of it is missing:
finding-complete-else = { $count ->
    [one] Otherwise our log is complete to { $time }.
   *[other] Otherwise all { $count } log sources are complete to { $time }.
}
finding-unreadable = { $count ->
    [one] One source cannot be read just now, so newer mail may be missing.
   *[other] { $count } sources cannot be read just now, so newer mail may be missing.
}
finding-what-now-gap = A mail of that time may exist without standing here: our support can look into it. Otherwise check the spelling, or leave out a filter.

## One mail

advice-title = What you can do
actor-title = Who can act: { $actor }
related-sender = All mail from { $address }
related-recipient = All mail to { $address }
story-incomplete = A part of this mail's life is missing from our log, so the story may have a gap.
story-clock-ahead = The server's clock was ahead, so the times here are later than they really were.
step-tries = { $count } tries, the last at { $time }
step-later = { $duration } later
step-from = from { $client }
step-signed-in = signed in as { $user }
step-encrypted = encrypted connection
step-score = spam score { $score }

## Facts

facts-mail = The mail
facts-origin = Where it came from
facts-target = Delivery
facts-checks = Checks
facts-times = Times
fact-sender = From
fact-recipient = To
fact-original-recipient = Written to
fact-size = Size
fact-message-id = Message-ID
fact-queue-ids = Queue ids
fact-domain = Domain
fact-client-name = Sending server
fact-client-ip = Its address
fact-country = Country
fact-network = Network
fact-helo = Introduced as
fact-sasl-user = Signed in as
fact-tls = Encryption
fact-server = Taken by
fact-relay = Given to
fact-relay-ip = Its address
fact-dsn = Status code
fact-attempts = Tries
fact-content = Filter result
fact-spam-score = Spam score
fact-quarantine-id = Quarantine
fact-greylisted = Asked to wait
fact-connected-at = Came in
fact-finished-at = Settled
fact-next-attempt = Next try
fact-delay-total = In all
fact-delay-queue = In the queue
fact-delay-connect = Connecting
fact-delay-transmit = Transmitting
fact-delay-scan = Checking
fact-zone = Time zone

## Before there is a page

problem-foreign_form-title = This form did not come from here
problem-foreign_form-text = We did not accept it, to protect you: it was sent from another website, or under another address than this portal's own. Please open the portal afresh and try again.
problem-too_many_windows-title = This page is open too often
problem-too_many_windows-text = You have as many live pages open as one person may have. This one does not show new mail by itself; close some of the others, or load it again now and then.
problem-too_many_viewers-title = Too many people are looking just now
problem-too_many_viewers-text = This page does not show new mail by itself for now. Please load it again now and then.

## Explaining an answer on the command line

explain-taken = The other side took the mail.
explain-for-now = It is a "not now": the sending server will try again by itself.
explain-for-good = It is a "no" for good: it will not be tried again.
explain-no-code = The answer carries no code that says whether it will be tried again.
explain-sent = If you sent the mail: { $advice }
explain-received = If the mail was for you: { $advice }
explain-answer = The answer: { $answer }
