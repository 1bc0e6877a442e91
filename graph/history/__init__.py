"""The history of a store: what every commit has done to every thing, beside the generations.

    metapole-store/history/3f9a02c1/                  one history, from when it was begun on
        000000000000-250-000001-000001.zst            a page: its first entry, how many, and the
        000000000250-250-000001-000004.zst            first and last generation that they are of
        000000000500-1-000005-000005.zst

The record of a generation says which history it shows, and how many entries of it. A commit writes
its entries before the pointer is switched and flushes them with all else, so what the pointer names
is there, and what lies beyond was never acknowledged: nobody reads it, and the next writer removes
it. So the history is never behind the commits, and never ahead of them.

It outlives the generations, and begins anew, under another name, where nothing else can be said of
what came before: a build from scratch, a restored backup, an erasure.

`entries` is what one commit did to one thing, `changes` finds that out, `chapter` is what a
generation adds, `pages` are the files, `reading` reads what a generation shows, `tidying` joins
small files, and lets go of what is long superseded.
"""
