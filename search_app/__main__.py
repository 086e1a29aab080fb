"""`python -m search_app` is the command `kb`."""

from search_app.process import main

if __name__ == "__main__":
    main()
