"""What an account needs once, before any stack: state, keys, image repositories, and roles for the pipeline."""
