# The relay for workspaces that have perl and no python3: many connections over one terminal, in one process.
# It needs nothing but perl itself (5.14 or newer). Unlike python3's it waits while a name is looked up.
use strict;
use warnings;
use Fcntl;
use Socket qw(:DEFAULT :addrinfo IPPROTO_TCP TCP_NODELAY SO_LINGER);

my ($OPEN, $OPENED, $REFUSED, $DATA, $END, $RESET, $CREDIT, $PING, $PONG, $GOODBYE) = 1 .. 10;
my ($WINDOW, $FULL, $PIECE) = (1024 * 1024, 128 * 1024, 32 * 1024);
my ($nonce, $patience) = @ARGV;
my ($typed, $rest, $out, $heard, $turn) = ('', '', '', time, 0);
my %connections;

# unpack knows uuencoding, which is base64 with other letters and its lines' lengths before them.
sub plain {
    my $text = shift;
    die "what came is no base64\n" if $text =~ m{[^A-Za-z0-9+/=]};
    $text =~ tr|=||d;
    $text =~ tr|A-Za-z0-9+/| -_|;
    return join '', map { unpack 'u', chr(32 + int(length($_) * 3 / 4)) . $_ } unpack '(a60)*', $text;
}
my $decode = eval { require MIME::Base64; \&MIME::Base64::decode_base64 } || \&plain;

sub blocking {
    my ($handle, $on) = @_;
    my $flags = fcntl($handle, F_GETFL, 0);
    fcntl($handle, F_SETFL, $on ? $flags & ~O_NONBLOCK : $flags | O_NONBLOCK);
}

sub say_frame {
    my ($kind, $id, $payload) = @_;
    $out .= pack('CNN', $kind, $id, length $payload) . $payload;
}

sub hear {
    for (1 .. 16) {
        my $size = sysread STDIN, $typed, 4096, length $typed;
        if (!defined $size) { last if $!{EAGAIN} || $!{EINTR}; $size = 0 }
        die "the terminal has hung up\n" if !$size;
    }
    $heard = time;
    while ((my $end = index $typed, "\n") >= 0) {
        my $line = substr $typed, 0, $end + 1, '';
        chop $line;
        die "it was told to leave\n" if $line eq '!';
        $rest .= $decode->($line);
    }
    while (length $rest >= 9) {
        my ($kind, $id, $size) = unpack 'CNN', $rest;
        die "what came is no frame\n" if $kind < $OPEN || $kind > $GOODBYE || $size > 65536;
        last if length $rest < 9 + $size;
        my $payload = substr $rest, 9, $size;
        substr $rest, 0, 9 + $size, '';
        obey($kind, $id, $payload);
    }
}

sub obey {
    my ($kind, $id, $payload) = @_;
    if    ($kind == $OPEN)    { return begin($id, $payload) }
    elsif ($kind == $PING)    { return say_frame($PONG, $id, $payload) }
    elsif ($kind == $GOODBYE) { die "\n" }
    my $it = $connections{$id} or return;
    if ($kind == $DATA) {
        $it->{waiting} .= $payload;
        die "more came than was allowed\n" if length $it->{waiting} > $WINDOW;
        pass_on($it);
    }
    elsif ($kind == $END)    { $it->{ends} = 1; pass_on($it) }
    elsif ($kind == $RESET)  { drop($it, 1) }
    elsif ($kind == $CREDIT) { $it->{credit} += unpack 'N', $payload }
}

sub begin {
    my ($id, $target) = @_;
    my ($kind, $name) = $target =~ /^(\w+) (.*)$/s or die "what came is no target\n";
    my $it = $connections{$id} = { id => $id, waiting => '', credit => $WINDOW, taken => 0, targets => [] };
    if ($kind eq 'unix') {
        $it->{targets} = [[AF_UNIX, eval { pack_sockaddr_un($name) }]];
        return attempt($it, 'the path is too long');
    }
    my ($host, $port) = $name =~ /^(.*) (\d+)$/s or die "what came is no target\n";
    my ($why, @found) = ('');
    for my $one ($host eq 'localhost' ? ('127.0.0.1', '::1') : $host) {
        my ($error, @addresses) = getaddrinfo($one, $port, { socktype => SOCK_STREAM });
        $why = "$host: $error" if $error;
        push @found, map { [$_->{family}, $_->{addr}] } @addresses;
    }
    $it->{targets} = \@found;
    attempt($it, $why);
}

sub attempt {
    my ($it, $why) = @_;
    let_go($it);
    while (my $target = shift @{ $it->{targets} }) {
        my ($family, $address) = @$target;
        next if !defined $address;
        if (!socket $it->{socket}, $family, SOCK_STREAM, 0) { $why = "$!"; next }
        blocking($it->{socket}, 0);
        return if connect($it->{socket}, $address) || $!{EINPROGRESS};
        $why = "$!";
        let_go($it);
    }
    delete $connections{ $it->{id} };
    say_frame($REFUSED, $it->{id}, substr $why, 0, 400);
}

sub ready {
    my ($it) = @_;
    my $code = unpack 'i', getsockopt($it->{socket}, SOL_SOCKET, SO_ERROR);
    if ($code) { local $! = $code; return attempt($it, "$!") }
    $it->{open} = 1;
    setsockopt $it->{socket}, IPPROTO_TCP, TCP_NODELAY, 1;
    say_frame($OPENED, $it->{id}, '');
    pass_on($it);
}

sub take {
    my ($it) = @_;
    return if $it->{over} || !$it->{credit};
    my $size = sysread $it->{socket}, my $data, $it->{credit} < $PIECE ? $it->{credit} : $PIECE;
    if (!defined $size) { return $!{EAGAIN} || $!{EINTR} ? () : fail($it) }
    if ($size) {
        $it->{credit} -= $size;
        return say_frame($DATA, $it->{id}, $data);
    }
    $it->{over} = 1;
    say_frame($END, $it->{id}, '');
    settle($it);
}

sub pass_on {
    my ($it) = @_;
    return if !$it->{open};
    while (length $it->{waiting}) {
        my $size = syswrite $it->{socket}, $it->{waiting}, 262144;
        if (!defined $size) { last if $!{EAGAIN} || $!{EINTR}; return fail($it) }
        substr $it->{waiting}, 0, $size, '';
        $it->{taken} += $size;
    }
    if ($it->{taken} >= $WINDOW / 4) {
        say_frame($CREDIT, $it->{id}, pack 'N', $it->{taken});
        $it->{taken} = 0;
    }
    if ($it->{ends} && !$it->{ended} && !length $it->{waiting}) {
        $it->{ended} = 1;
        shutdown $it->{socket}, 1;
    }
    settle($it);
}

sub settle { my ($it) = @_; drop($it, 0) if $it->{over} && $it->{ended} }

sub fail {
    my ($it) = @_;
    say_frame($RESET, $it->{id}, "$!");
    drop($it, 0);
}

sub let_go { my ($it) = @_; close delete $it->{socket} if $it->{socket} }

sub drop {
    my ($it, $reset) = @_;
    setsockopt $it->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $reset && $it->{socket};
    let_go($it);
    delete $connections{ $it->{id} };
}

sub flush {
    while (length $out) {
        my $size = syswrite STDOUT, $out, $PIECE;
        if (!defined $size) { last if $!{EAGAIN} || $!{EINTR}; die "the terminal has hung up\n" }
        substr $out, 0, $size, '';
    }
}

sub run {
    while (1) {
        my $left = $patience - (time - $heard);
        die "nothing was heard of the client for $patience s\n" if $left <= 0;
        my ($reading, $writing) = ('', '');
        vec($reading, 0, 1) = 1;
        vec($writing, 1, 1) = 1 if length $out;
        my $full = length $out >= $FULL;
        for my $it (values %connections) {
            my $number = fileno $it->{socket};
            if (!$it->{open}) { vec($writing, $number, 1) = 1; next }
            vec($reading, $number, 1) = 1 if !$full && $it->{credit} && !$it->{over};
            vec($writing, $number, 1) = 1 if length $it->{waiting};
        }
        next if select($reading, $writing, undef, $left) <= 0;
        hear() if vec $reading, 0, 1;
        my @ids = sort { $a <=> $b } keys %connections;
        # Whoever is late in the list is early in the next: what there is room for goes round.
        push @ids, splice @ids, 0, $turn++ % (@ids || 1);
        for my $id (@ids) {
            my $it = $connections{$id} or next;
            my $number = fileno $it->{socket};
            my ($can_read, $can_write) = (vec($reading, $number, 1), vec($writing, $number, 1));
            if ($can_write) { $it->{open} ? pass_on($it) : ready($it) }
            take($it) if $can_read && $connections{$id} && $it->{open} && length $out < $FULL;
        }
        flush();
    }
}

$SIG{PIPE} = 'IGNORE';
syswrite STDOUT, "\x1eT$nonce:perl\x1e";
# From here on the terminal is for frames alone.
open STDERR, '>', '/dev/null';
blocking($_, 0) for \*STDIN, \*STDOUT;
eval { run(); 1 };
my $why = $@;
chomp $why;
for my $it (values %connections) {
    next if !$it->{open};
    blocking($it->{socket}, 1);
    setsockopt $it->{socket}, SOL_SOCKET, SO_SNDTIMEO, pack('l!l!', 1, 0);
    syswrite $it->{socket}, $it->{waiting} if length $it->{waiting};
    close $it->{socket};
}
say_frame($GOODBYE, 0, substr $why, 0, 400);
# The shell has the same terminal, and reads it after this.
blocking(\*STDOUT, 1);
syswrite STDOUT, $out;
