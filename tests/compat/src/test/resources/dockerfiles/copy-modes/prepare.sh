cd modes
printf s > setuid; chmod 4755 setuid
printf n > none; chmod 000 none
printf w > world; chmod 666 world
mkdir private sticky; chmod 700 private; chmod 1777 sticky
