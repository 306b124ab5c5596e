"""A deployment for one machine that answers like Coder: a simulated fleet, and this machine as workspace `here`."""
