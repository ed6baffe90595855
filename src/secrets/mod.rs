//! Where API tokens are kept between runs.
