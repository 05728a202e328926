// Package answer chooses what a device is shown because of what was redeemed: values in, values out, with no store and
// no clock.
//
// A Catalogue is made from all campaigns and agreements once they change. It lists follow-ups by what they answer, so
// that a choice looks at those alone that can answer this device's redemptions.
//
// # What is chosen
//
// Of a follow-up the newest redemption that fits all of its conditions is the reason. The answer with the higher
// Priority comes first; of equal ones that of the campaign which was created later, then that of the campaign whose
// id comes first, then the one that stands first in its campaign. Each ad and each campaign stands once. Campaigns
// that are open follow under "New", the one that was created last first, to fill up to MaxAnswers.
//
// # What is left out
//
//   - what follows from a redemption of another merchant's offer, at another merchant's till, or offers another
//     merchant's campaign, while no agreement that lets it stands;
//   - what the device dismissed, until its cool-off ends, also under "New";
//   - what the caps of the follow-up no longer let through, unless it was shown today already: that counts once;
//   - a campaign of which no offer can be accepted, of which the device has one (unless the follow-up repeats), or as
//     many as one device may have.
//
// # Trials
//
// A campaign with a Holdout is answered to a part of the devices alone. A device whose customer agreed to measurement
// enters the campaign's trial when it could be shown the campaign because of a redemption for the first time: it is
// eligible. Its arm follows from a keyed hash of the device and the campaign. Until the trial's days are over a device
// that is held out is shown the campaign neither because of a redemption nor under "New". What it would have been shown
// takes its place among MaxAnswers, so that it is eligible for as much as the others.
package answer
