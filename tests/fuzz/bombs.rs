//! Large files that aim at time, memory or the stack.
