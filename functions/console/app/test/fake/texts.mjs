// Made-up texts: ordinary ones, and hostile ones that a model might answer with.

export const CONTRACT = `Supply agreement between Norden Instruments and Halle Optics.

1. Term. The agreement runs for 36 months from 1 January and renews by twelve months unless one side gives notice six months before its end.
2. Prices. Prices are fixed for the first year. Afterwards they follow the producer price index, at most 3.5 % a year.
3. Liability. Each side is liable up to the value of the orders of the last twelve months. This does not hold for intent and gross negligence.
4. Delivery. Delivery is due within 15 working days. After 20 working days the buyer may withdraw from the order.`;

export const SUMMARY = `The agreement binds both sides for three years and then renews by itself. Three points need attention before it is signed.

First, notice has to be given six months before the end; a reminder in June of the third year is advisable.
Second, the price clause allows at most 3.5 % a year, which lies above the index of the last two years.
Third, the cap on liability is tied to the orders of the last twelve months and is therefore zero at the start.

The delivery clause is usual. Nothing in the text speaks of data protection, although clause 9 of the draft of March did.`;

export const REPLY = `Dear Ms Okafor,

thank you for your patience. Your parcel was returned to our warehouse because the house number was missing from the label. We have corrected it and sent the parcel again today, without any cost to you.

It should arrive on Thursday. If it does not, please write to us and we will refund the order in full.

Kind regards
Support`;

export const HOSTILE = [
  'Before the scripts: <script>window.__ran = "script"</script><img src=x onerror="window.__ran = \'img\'">',
  '<img src="https://beacon.example/collect?c=1"><style>@import "https://beacon.example/x.css"</style>',
  '[click me](javascript:window.__ran="link") <a href="javascript:alert(1)">or me</a> <iframe src="https://beacon.example/"></iframe>',
  'Pay 1,000 to \u202e0018 TNUOCCA\u202c and not to anybody else.',
  'zero\u200bwidth, soft\u00adhyphen, tag\u{e0041}\u{e0042}, word\u2060joiner, filler\u3164, isolate\u2066hidden\u2069.',
  'A family 👨‍👩‍👧 and a heart ❤️ stay what they are; שלום and سلام too.',
  '{{constructor.constructor("window.__ran=1")()}} ${window.__ran=1}',
  'Z\u0351\u036b\u0343\u036a\u0302a\u0346\u0305l\u0351\u0342g\u0351\u0346o\u0346',
].join('\n');

export const ONE_LINE = 'a megabyte in one line, '.repeat(43_691).slice(0, 1_048_576);

export const INSTRUCTIONS = 'Read the document. Say what it is about in two sentences, then list what needs attention. Do not give legal advice.';
