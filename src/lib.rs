//! cspdeck
