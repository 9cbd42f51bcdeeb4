"""A grammar of messages to a parcel service's help desk. Nobody wrote them: they are made up here.

A message states what happened, perhaps says what the sender wants or feels, and is urgent if somebody
must read it today: something is broken or missing, or the sender is about to leave. The same words
occur on both sides ("has not arrived" and "has arrived"), and many a message tells what was before as
well as what is now, so that counting words is not enough.
"""

import numpy as np

THINGS = ["parcel", "order", "package", "delivery", "letter", "suitcase", "bike", "printer"]
NAMES = ["Kim", "Lena", "Omar", "Ines", "Tom", "Aya", "Noah", "Mia", "Ravi", "Zoe"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
HELLO = ["Hello", "Hi", "Good morning", "Dear team", "Hey"]
BYE = ["Thanks", "Kind regards", "Best wishes", "Thank you", "Cheers"]

# What happened, and whether it cannot wait.
URGENT = [
    "my {thing} has still not arrived, it was due on {day}",
    "the {thing} came but it is broken and I can not use it",
    "the driver left my {thing} in the rain and it is ruined",
    "I was charged twice for one {thing} and my account is empty",
    "you delivered my {thing} to somebody else again",
    "my {thing} is lost and nobody answers the phone",
    "somebody opened my {thing} and half of it is missing",
    "the tracking says delivered but there is no {thing} here",
    "I wait since {day} and nobody has called me back about the {thing}",
    "this is the third time that the {thing} did not come",
    "I need the {thing} today and it is not out for delivery",
    "cancel my contract, the {thing} never came",
]
CALM = [
    "my {thing} has arrived, it was due on {day}",
    "the {thing} came and it is not broken, I can use it",
    "the driver left my {thing} at the door and it was not in the rain",
    "I was not charged twice for the {thing}, that was my mistake",
    "you delivered my {thing} to my neighbour as I had asked",
    "my {thing} is not lost any more, it came on {day}",
    "can I change the address for my {thing} before {day}",
    "how do I send a {thing} to another country",
    "what does it cost to send a {thing} that is not heavy",
    "I do not need the {thing} today, {day} is fine",
    "somebody called me back about the {thing}, all is well",
    "please send me the invoice for the {thing} of {day}",
    "do not cancel my contract, the {thing} came after all",
]
# How it goes on; these say little about urgency, and some of them mislead.
AFTER = [
    "please look into it", "my number is 0{a}{b}{c} {a}{c}{b}", "this is not urgent at all, is it",
    "I have written about it before", "the weather was bad on {day}", "{name} told me to write to you",
    "I am a customer since years", "it would be nice to hear from you", "it is for my mother",
]
AFTER_URGENT = ["I want my money back", "I will go to another company", "this can not wait", "I am very angry"]
AFTER_CALM = ["no hurry", "it can wait", "take your time", "I am very happy"]
SHORT = {"please": "pls", "because": "cos", "you": "u", "are": "r", "and": "&", "today": "2day",
         "before": "b4", "thanks": "thx", "has": "hs", "not": "nt", "my": "mi", "the": "da",
         "never": "nvr", "again": "agn", "broken": "brkn", "missing": "missin", "lost": "lst",
         "arrived": "arrvd", "nobody": "noone", "answers": "replies", "came": "cm"}


class Grammar:
    """Messages from one seed."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def pick(self, options):
        return options[self.random.integers(len(options))]

    def chance(self, share):
        return self.random.random() < share

    def filled(self, text):
        a, b, c = self.random.integers(1, 10, 3)
        return text.format(thing=self.pick(THINGS), day=self.pick(DAYS), name=self.pick(NAMES), a=a, b=b, c=c)

    def happened(self, urgent):
        """What happened; one time in three with a story before it that was of the other kind."""
        said = self.filled(self.pick(URGENT if urgent else CALM))
        if not self.chance(0.35):
            return said
        before = self.filled(self.pick(CALM if urgent else URGENT))
        return self.pick([f"last week {before}, but now {said}", f"{said}, while last week {before}"])

    def message(self):
        """Channel, text, and whether it is urgent."""
        urgent = self.chance(0.3)
        channel = "chat" if self.chance(0.35) else "mail"
        parts = [self.happened(urgent)]
        if self.chance(0.5):
            parts.append(self.filled(self.pick(AFTER)))
        if self.chance(0.35):
            parts.append(self.pick(AFTER_URGENT if urgent else AFTER_CALM))
        text = self.chat(parts) if channel == "chat" else self.mail(parts)
        # People who sort messages err, too.
        return channel, text, bool(urgent != self.chance(0.02))

    def mail(self, parts):
        first, *more = parts
        sentences = ". ".join([first, *(part[0].upper() + part[1:] for part in more)]) + "."
        return f"{self.pick(HELLO)}, {sentences} {self.pick(BYE)}, {self.pick(NAMES)}"

    def chat(self, parts):
        """Short words, no capitals, slips of the finger."""
        words = " ".join(self.pick([parts, parts[:1]])).lower().replace(",", "").split()
        words = [SHORT[word] if word in SHORT and self.chance(0.75) else word for word in words]
        return " ".join(self.slip(word) if self.chance(0.1) else word for word in words)

    def slip(self, word):
        if len(word) < 4:
            return word
        at = self.random.integers(1, len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2:]
