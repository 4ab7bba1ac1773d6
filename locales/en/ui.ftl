### Words of the interface. This file alone is sent to browsers, so it has no sentences with arguments: those are in page.ftl.

## Frame

skip-to-content = Skip to the content
nav-main = Main
nav-mail-log = Mail log
language = Language
language-en = English
language-de = Deutsch
language-it = Italiano
sign-out = Sign out

## Signing in

sign-in = Sign in
sign-in-title = What became of my mail?
sign-in-lead = Sign in and see every mail of your domains: whether it arrived, why not, and what to do.
sign-in-login = Login or e-mail address
sign-in-password = Password
sign-in-refused = This login and password do not fit together. Please check both.
sign-in-too_many = Too many attempts. Please wait a few minutes and try again.
sign-in-ended = Your session has ended. Please sign in again.

## Searching

search = Search
search-more = More filters
filters = Filters
filters-clear = Clear all
field-text = Text
field-text-label = Search for an address, subject, Message-ID or queue id
field-text-placeholder = Address, subject, Message-ID or queue id
field-sender = From
field-recipient = To
field-address-placeholder = address or part
field-since = First day
field-until = Last day
field-outcome = What became of it
field-domain = Domain
field-direction = Direction
any = Any
all-domains = All domains
outcome-groups = In short
outcome-exactly = Exactly
direction-any = All mail

## The mail log

mail-log = Mail log
column-time = Time
column-outcome = What became of it
column-sender = From
column-recipient = To
column-subject = Subject
column-answer = Answer
subject-none = no subject known
pager = Pages
pager-newer = Newer
pager-older = Older
finding-asked = You asked for
fresh-what = Details

## One mail

mail = Mail
subject = Subject:
related = Related searches
facts = Facts
timeline = What happened
attempts = All tries
reply = The original answer
raw-lines = Raw log lines

## When something is not there

problem-reference = Reference:
problem-to-log = To the mail log
problem-not_found-title = There is nothing here
problem-not_found-text = This page or mail does not exist, or it belongs to somebody else.
problem-signed_out-title = You are signed out
problem-signed_out-text = Please sign in again to see this page.
problem-too_long-title = That took too long
problem-too_long-text = The search was too wide to be answered in time. Please name a day, a sender or a recipient.
problem-offline-title = No connection
problem-offline-text = Our server could not be reached. Please check your connection and try again.
problem-failed-title = Something went wrong on our side
problem-failed-text = We could not show this page. Please try again; if it happens again, tell our support the reference.
