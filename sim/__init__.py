"""The simulator itself: vocabulary, city, incident stream, rules and the two clocks."""
