"""Live views for notebooks: the Python half. Takes feeds and callbacks, never an agent; the other half is frontend/."""
