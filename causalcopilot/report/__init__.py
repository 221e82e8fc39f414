"""From stored facts to narrative, figures and documents."""
