# Puts the file FROM at TO as a hard link, or as a copy across file systems.
file(REMOVE ${TO})
file(CREATE_LINK ${FROM} ${TO} COPY_ON_ERROR)
