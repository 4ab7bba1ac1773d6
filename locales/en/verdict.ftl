### What became of a mail, in words a customer understands. English is the reference: the other languages have the same keys and arguments.
###
### Keys (ids are those of model/src/verdict.rs and model/src/record.rs):
###   outcome-<outcome>                  one or two words for the chip
###   outcome-<outcome>-meaning          what that word means
###   story-<outcome>-<direction>        the headline of a mail: $sender $recipient $time $date (all four are always given)
###   story-<outcome>-<direction>-relay  the same when the other server is known: also $relay     (handed_over, deferred, bounced)
###   story-<outcome>-<direction>-next   the same when the next try is known: also $next          (deferred, greylisted)
###   story-greylisted-<direction>-final the same when the sender's server never came back
###   sender-none, recipient-none        stand in for $sender or $recipient when the envelope has none
###   reason-<reason>                    why, one sentence
###   advice-<reason>-<direction>        what the viewer can do; inbound: the viewer is the recipient's side, outbound: the sender's side
###   actor-<actor>                      who can change it; follows "Who can act:"
###   final-yes, final-no, next-try      is it over? next-try takes $time
###   confidence-<confidence>            how sure we are
###   trail-<kind>                       one step of the timeline: $server $program
###   trail-<kind>-relay                 the same when the step names another server: also $relay (passed, handed_over, delivered, deferred, bounced)
###   family-<family>, direction-<direction>
###
### $time, $date and $next come formatted in the viewer's language and zone. Nothing here says "delivered" for a mail that another provider took.

## What happened

outcome-delivered = Delivered
outcome-delivered-meaning = It is in the mailbox on our server.
outcome-junked = Delivered to Junk
outcome-junked-meaning = It is in the mailbox, in the Junk folder or marked as spam.
outcome-handed_over = Handed over
outcome-handed_over-meaning = The other mail provider took it. What happens there we cannot see.
outcome-forwarded = Forwarded
outcome-forwarded-meaning = An alias, a list or a rule sent it on. The new address has its own line.
outcome-greylisted = Asked to come back
outcome-greylisted-meaning = First contact: the sender's server was asked to try again in a few minutes.
outcome-deferred = Waiting
outcome-deferred-meaning = It did not work yet. It will be tried again.
outcome-quarantined = Held for you
outcome-quarantined-meaning = It looked suspicious and is kept in quarantine.
outcome-released = Released
outcome-released-meaning = It was taken out of quarantine and is on its way to the mailbox.
outcome-held = On hold
outcome-held-meaning = Our team or a limit has stopped it for now.
outcome-rejected = Refused at the door
outcome-rejected-meaning = We did not take it. The sender's server was told at once.
outcome-bounced = Returned to sender
outcome-bounced-meaning = It was refused for good after we had taken it. The sender gets a report.
outcome-expired = Given up
outcome-expired-meaning = It was tried for days without success. The sender gets a report.
outcome-discarded = Removed silently
outcome-discarded-meaning = A rule removed it. Nobody was told.
outcome-no_trace = Never reached us
outcome-no_trace-meaning = None of our servers has seen this mail.
outcome-in_progress = On its way
outcome-in_progress-meaning = One of our servers has it. We have not seen the end yet.

## The story in one sentence

story-delivered-inbound = The mail from { $sender } arrived in the mailbox { $recipient } on { $date } at { $time }.
story-delivered-outbound = Your mail to { $recipient } arrived in the mailbox on our server on { $date } at { $time }.
story-junked-inbound = The mail from { $sender } is in the Junk folder of { $recipient } since { $date }, { $time }.
story-junked-outbound = Your mail to { $recipient } was put into the Junk folder there on { $date } at { $time }.
story-handed_over-inbound = The mail from { $sender } to { $recipient } was handed over to another mail provider on { $date } at { $time }.
story-handed_over-inbound-relay = The mail from { $sender } to { $recipient } was taken by { $relay } on { $date } at { $time }.
story-handed_over-outbound = Your mail to { $recipient } was taken by the other mail provider on { $date } at { $time }.
story-handed_over-outbound-relay = Your mail to { $recipient } was taken by { $relay } on { $date } at { $time }.
story-forwarded-inbound = The mail from { $sender } to { $recipient } was sent on to another address on { $date } at { $time }.
story-forwarded-outbound = Your mail to { $recipient } was sent on to another address on { $date } at { $time }.
story-greylisted-inbound = The mail from { $sender } to { $recipient } was asked to come back on { $date } at { $time }. That is normal at first contact.
story-greylisted-inbound-next = The mail from { $sender } to { $recipient } was asked to come back on { $date } at { $time }. The next try is expected at { $next }.
story-greylisted-inbound-final = The mail from { $sender } to { $recipient } was asked to come back on { $date } at { $time }, but never did.
story-greylisted-outbound = Your mail to { $recipient } was put off on { $date } at { $time }. That is normal at first contact.
story-greylisted-outbound-next = Your mail to { $recipient } was put off on { $date } at { $time }. The next try is expected at { $next }.
story-greylisted-outbound-final = Your mail to { $recipient } was put off on { $date } at { $time } and was not tried again.
story-deferred-inbound = The mail from { $sender } to { $recipient } is still waiting. The last try was on { $date } at { $time }.
story-deferred-inbound-next = The mail from { $sender } to { $recipient } is still waiting. The last try was on { $date } at { $time }, the next is expected at { $next }.
story-deferred-inbound-relay = The mail from { $sender } to { $recipient } is still waiting: { $relay } did not take it on { $date } at { $time }.
story-deferred-outbound = Your mail to { $recipient } is still waiting. We tried on { $date } at { $time } and will try again.
story-deferred-outbound-next = Your mail to { $recipient } is still waiting. We tried on { $date } at { $time } and try again at { $next }.
story-deferred-outbound-relay = Your mail to { $recipient } is still waiting: { $relay } did not take it on { $date } at { $time }. We will try again.
story-quarantined-inbound = The mail from { $sender } to { $recipient } is held in quarantine since { $date }, { $time }.
story-quarantined-outbound = Your mail to { $recipient } was held in quarantine on { $date } at { $time }.
story-released-inbound = The mail from { $sender } to { $recipient } was released from quarantine on { $date } at { $time }.
story-released-outbound = Your mail to { $recipient } was released from quarantine on { $date } at { $time }.
story-held-inbound = The mail from { $sender } to { $recipient } is on hold with us since { $date }, { $time }.
story-held-outbound = Your mail to { $recipient } is on hold with us since { $date }, { $time }.
story-rejected-inbound = We refused a mail from { $sender } to { $recipient } on { $date } at { $time }.
story-rejected-outbound = We did not take your mail to { $recipient } on { $date } at { $time }.
story-bounced-inbound = The mail from { $sender } to { $recipient } could not be delivered on { $date } at { $time } and went back to the sender.
story-bounced-inbound-relay = { $relay } refused the mail from { $sender } to { $recipient } on { $date } at { $time }. It went back to the sender.
story-bounced-outbound = Your mail to { $recipient } was refused for good on { $date } at { $time } and came back to you.
story-bounced-outbound-relay = { $relay } refused your mail to { $recipient } for good on { $date } at { $time }. It came back to you.
story-expired-inbound = The mail from { $sender } to { $recipient } was given up on { $date } at { $time } after many tries.
story-expired-outbound = We gave up your mail to { $recipient } on { $date } at { $time } after many tries.
story-discarded-inbound = A mail from { $sender } to { $recipient } was removed by a rule on { $date } at { $time }.
story-discarded-outbound = Your mail to { $recipient } was removed by a rule on { $date } at { $time }.
story-no_trace-inbound = None of our servers has seen a mail from { $sender } to { $recipient }.
story-no_trace-outbound = None of our servers has seen your mail to { $recipient }.
story-in_progress-inbound = The mail from { $sender } to { $recipient } came in on { $date } at { $time } and is on its way through our servers.
story-in_progress-outbound = Your mail to { $recipient } came in on { $date } at { $time } and is on its way.
sender-none = a mail system
recipient-none = an unnamed recipient

## Why

reason-ok = Everything went well.
reason-user_unknown = There is no such mailbox.
reason-domain_unknown = The part after the @ does not exist or takes no mail.
reason-mailbox_disabled = The mailbox is switched off or suspended.
reason-moved = The address was replaced by another one.
reason-sender_invalid = The sender's address or domain is not valid.
reason-mailbox_full = The mailbox has no space left.
reason-too_large = The mail is bigger than allowed.
reason-too_many_rcpts = The mail had too many recipients at once.
reason-remote_overload = The receiving system was busy.
reason-greylist_new = It was the first contact; servers that do not know each other yet are asked to wait a few minutes.
reason-rate_sender = Too much mail was sent in a short time.
reason-rate_recipient = That mailbox is getting too much mail just now.
reason-too_many_conn = There were too many connections at the same time.
reason-dns_failure = The address of a mail server could not be looked up.
reason-unreachable = A mail server did not answer or broke off.
reason-tls_failed = A safe connection was required and did not work.
reason-loop = The mail was running in a circle.
reason-timeout_expired = It was tried for several days without success.
reason-spf_fail = The sender's domain says that this server may not send for it (SPF).
reason-dkim_fail = The mail's signature is missing or broken (DKIM).
reason-dmarc_fail = It is not proven that the mail comes from the visible sender (DMARC).
reason-ptr_missing = The sending server has no proper name.
reason-helo_bad = The sending server introduced itself wrongly.
reason-auth_required = The sender was not signed in for sending.
reason-relay_denied = That server is not responsible for the recipient's address.
reason-sender_mismatch = This sender address may not be used by that account.
reason-ip_listed = The sending server is on a block list.
reason-ip_unknown = The receiver does not know the sending server yet.
reason-domain_reputation = The sender's domain is seen as a source of unwanted mail.
reason-complaints = Too many people marked mail from this sender as spam.
reason-spam = It looked like unwanted mail.
reason-phishing = It pretends to come from somebody else.
reason-virus = It carried harmful code.
reason-attachment_banned = It carried a type of file that is not accepted.
reason-bad_format = The mail is technically malformed.
reason-bad_link = A link in it is on a warning list.
reason-recipient_block = The recipient or the recipient's company does not accept mail from this sender.
reason-not_allowed_group = The list or group takes mail from its members only.
reason-policy_local = A rule of the domain or of the mail provider stopped it.
reason-geo_block = Mail from that country is not accepted there.
reason-our_fault = Our own system made an error.
reason-account_suspended = Sending is stopped because the account looks hacked.
reason-unclassified = We have no plain words for this answer yet. The original text is shown below.

## What you can do

advice-ok-inbound = Nothing to do. If you cannot find it, look into your Junk folder and your filter rules.
advice-ok-outbound = Nothing to do. If it was not seen, ask the recipient to look into the Junk folder.
advice-user_unknown-inbound = If the address should exist, add it to your mailboxes or aliases. Otherwise tell the sender the right one.
advice-user_unknown-outbound = Check the spelling. If it is right, ask the recipient by phone for the current address and take the old one off your lists.
advice-domain_unknown-inbound = The target of a forward does not exist any more. Check your forwards.
advice-domain_unknown-outbound = Check the part after the @ for a typing error.
advice-mailbox_disabled-inbound = If the mailbox should work, switch it on again or write to our support.
advice-mailbox_disabled-outbound = Reach the person in another way and ask for another address.
advice-moved-inbound = Tell the sender the new address, or set up a forward.
advice-moved-outbound = Use the new address. It is often named in the original answer below.
advice-sender_invalid-inbound = Only the sender can fix this. Tell them that their sender address does not exist.
advice-sender_invalid-outbound = Correct the sender address in your mail program. The domain must exist and must be able to receive mail.
advice-mailbox_full-inbound = Delete old mail or empty the Junk folder, or ask for more space. Then the sender can send it again.
advice-mailbox_full-outbound = Ask the recipient to make room. As long as it says "Waiting", we keep trying.
advice-too_large-inbound = Ask the sender for a download link instead of the file.
advice-too_large-outbound = Share a download link instead of the file, or send it in parts.
advice-too_many_rcpts-inbound = Only the sender can fix this, by sending in smaller groups.
advice-too_many_rcpts-outbound = Send to fewer recipients at a time, or use a mailing service.
advice-remote_overload-inbound = Nothing to do. It will be tried again by itself.
advice-remote_overload-outbound = Nothing to do. We try again by ourselves.
advice-greylist_new-inbound = Nothing to do, it comes within minutes. If it never does, the sender's server is at fault, and we can exempt it.
advice-greylist_new-outbound = Nothing to do. The next try usually works.
advice-rate_sender-inbound = Nothing to do. The sender has to slow down.
advice-rate_sender-outbound = Send more slowly. If you did not send that much yourself, change your password: somebody may be using your account.
advice-rate_recipient-inbound = Your mailbox is getting unusually much mail. It will be tried again; if it goes on, write to our support.
advice-rate_recipient-outbound = Nothing to do. It will work later.
advice-too_many_conn-inbound = Nothing to do. The sender's provider tries again.
advice-too_many_conn-outbound = Nothing to do. We adjust our servers and try again.
advice-dns_failure-inbound = Usually this passes. If it stays, the sender's domain has a faulty set-up.
advice-dns_failure-outbound = Usually this passes and we try again. If it stays, the recipient's domain has a faulty set-up.
advice-unreachable-inbound = It is tried again by itself. If it takes longer than an hour, write to our support.
advice-unreachable-outbound = We keep trying for some days. If it is urgent, call the recipient.
advice-tls_failed-inbound = The two mail servers cannot agree on a safe connection. Write to our support, we look into it.
advice-tls_failed-outbound = The recipient's provider has to repair its certificate or encryption. Let them know; we keep trying.
advice-loop-inbound = Check your forwards: two addresses probably forward to each other.
advice-loop-outbound = The recipient's forwards run in a circle. Let the recipient know in another way.
advice-timeout_expired-inbound = Ask the sender to send it again now.
advice-timeout_expired-outbound = Send it again when the recipient's system works again. Ask by phone if in doubt.
advice-spf_fail-inbound = If you know the sender, tell them to correct their SPF record. If you have your mail forwarded from elsewhere, collect it instead of forwarding it.
advice-spf_fail-outbound = Add the sending server to the SPF record of your domain, or always send through our servers.
advice-dkim_fail-inbound = If you know the sender, tell them that their signature (DKIM) does not verify.
advice-dkim_fail-outbound = Switch on DKIM for your domain and check its key in the DNS.
advice-dmarc_fail-inbound = If you know the sender, tell them that SPF or DKIM must match the visible address. Otherwise it was a forgery, and good that it was stopped.
advice-dmarc_fail-outbound = Set up SPF or DKIM so that it matches the domain in your From address. We gladly help.
advice-ptr_missing-inbound = The sender's provider has to give its server a proper name (reverse DNS). Tell the sender.
advice-ptr_missing-outbound = Nothing for you to do: we have to give our server a proper name. Please let our support know.
advice-helo_bad-inbound = The sender's provider has to correct its server's set-up. Tell the sender.
advice-helo_bad-outbound = If you send through us with your own server, correct its HELO name. Otherwise let our support know.
advice-auth_required-inbound = Only the sender can fix this, by signing in to their own mail server.
advice-auth_required-outbound = Switch on "server requires sign-in" in your mail program, with your full address and password.
advice-relay_denied-inbound = If the domain should be with us, check that it is set up here and that its MX record is right.
advice-relay_denied-outbound = Sign in to your outgoing server. If you did, the recipient's domain points to the wrong server: let them know.
advice-sender_mismatch-inbound = Only the sender can fix this, by using an own address.
advice-sender_mismatch-outbound = Use an address that belongs to your account, or have this address added to it.
advice-ip_listed-inbound = The sender's provider has to get its server off the block list. If you trust the sender, ask us for an exception.
advice-ip_listed-outbound = Nothing for you to do: we ask for removal from the list. If it is urgent, tell the recipient in another way.
advice-ip_unknown-inbound = The sender's provider has to make itself known. Tell the sender.
advice-ip_unknown-outbound = Nothing for you to do: we register our server with the receiver. That usually takes some hours.
advice-domain_reputation-inbound = The sender's domain has a bad name. If you trust the sender, allow the address.
advice-domain_reputation-outbound = Check your website and accounts for break-ins and clean your lists. A good name comes back slowly.
advice-complaints-inbound = Only the sender can fix this, by writing only to people who want it.
advice-complaints-outbound = Send only to people who asked for it, and make signing off easy.
advice-spam-inbound = If you wanted this mail, release it or move it out of Junk, and allow the sender. If it was refused, ask the sender to send it again.
advice-spam-outbound = Word it differently, use fewer links and send only to people who expect it. If you did not send it yourself, change your password.
advice-phishing-inbound = Do not release it and do not follow its links. If in doubt, call the supposed sender on a number that you know.
advice-phishing-outbound = If this was really your mail, remove links and logos of others. If you did not send it, change your password at once.
advice-virus-inbound = Leave it where it is. If you expected a file from this sender, tell them that it was infected.
advice-virus-outbound = Scan your computer before you send anything else, and change your password afterwards.
advice-attachment_banned-inbound = Ask the sender for a PDF or a download link. If you trust the file, our support can release it.
advice-attachment_banned-outbound = Send it as a PDF or share a download link.
advice-bad_format-inbound = The sender's program makes faulty mails. Ask them to use another one.
advice-bad_format-outbound = Try another mail program and plain letters in the address. If a website or a device sent it, tell its maker.
advice-bad_link-inbound = If you know the sender, ask them to send it without the link.
advice-bad_link-outbound = Remove the links and send it again. If it was a link to your own site, check the site for a break-in.
advice-recipient_block-inbound = You or your administrator block this sender. Take the address off the block list if you want its mail.
advice-recipient_block-outbound = Ask the recipient in another way to accept mail from you.
advice-not_allowed_group-inbound = If outsiders should be able to write, open the list or add the sender as a member.
advice-not_allowed_group-outbound = Ask the owner of the list to let you write to it, or use the address with which you are a member.
advice-policy_local-inbound = A rule for your domain or of ours applied. Look at your rules, or ask our support which one it was.
advice-policy_local-outbound = A rule stopped it. Look at the original answer below, or ask our support which rule it was.
advice-geo_block-inbound = If you expect mail from that country, allow it in the rules of your domain.
advice-geo_block-outbound = Ask the recipient to allow mail from your country.
advice-our_fault-inbound = Nothing for you to do. We know of it and try again; write to our support if it takes long.
advice-our_fault-outbound = Nothing for you to do. We know of it; write to our support if it takes long.
advice-account_suspended-inbound = Tell the sender in another way: their account was probably broken into.
advice-account_suspended-outbound = Scan your computer, change your password, then write to our support to open sending again.
advice-unclassified-inbound = Read the original answer below, or ask our support. We learn from every new answer.
advice-unclassified-outbound = Read the original answer below, or ask our support. We learn from every new answer.

## Who can act

actor-sender = the sender
actor-recipient = the recipient
actor-you = you
actor-provider = we, your mail provider
actor-remote = the other side's mail provider
actor-nobody = nobody needs to

## Is it over?

final-yes = This is final.
final-no = This can still change by itself.
next-try = Next try: { $time }

## How sure we are

confidence-exact = Recognised for certain
confidence-code = Recognised by the status code
confidence-guess = Our best guess

## The timeline

trail-received = { $server } was contacted
trail-greylisted = { $server } asked to come back later
trail-greylist_passed = { $server } knows the sender now
trail-refused = { $server } refused it
trail-refused_for_now = { $server } did not take it yet
trail-queued = { $server } took the mail
trail-checked = { $server } checked the content
trail-quarantined = { $server } put it into quarantine
trail-released = { $server } released it from quarantine
trail-passed = { $server } passed it on inside
trail-passed-relay = { $server } passed it on to { $relay }
trail-handed_over = { $server } handed it over
trail-handed_over-relay = { $server } handed it over to { $relay }
trail-delivered = { $server } put it into the mailbox
trail-delivered-relay = { $server } put it into the mailbox ({ $relay })
trail-forwarded = { $server } sent it on to another address
trail-deferred = { $server } tried without success and will try again
trail-deferred-relay = { $relay } did not take it yet; { $server } will try again
trail-bounced = { $server } could not deliver it
trail-bounced-relay = { $relay } refused it for good
trail-expired = { $server } gave up
trail-discarded = { $server } removed it
trail-held = { $server } put it on hold
trail-unheld = { $server } took it off hold
trail-reported = { $server } sent a report to the sender
trail-removed = { $server } is done with it
trail-noted = { $server }: { $program }

## Groups and directions

family-good = Arrived
family-wait = Under way
family-held = Held
family-bad = Not arrived
family-none = No result
direction-inbound = Received
direction-outbound = Sent
