//! What an Update would do.
