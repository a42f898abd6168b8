"""The standard as data: formulas, definitions with every fault told at once, and what differs between two versions. No SQL but a formula's own."""
