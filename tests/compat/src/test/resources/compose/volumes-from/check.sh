up
eventually shared inside writer 'cat /data/file'
inside writer 'echo more >>/data/file'
has more inside reader 'cat /data/file'
has more inside by-container 'cat /data/file'
