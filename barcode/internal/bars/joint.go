package bars

// isJoined says whether what a group's lines read is parts of two symbols that meet between two characters, as where
// a sticker or a torn label lies over another: one check digit in ten is right by chance. The parts differ in size, in
// ink or paper, or they do not lie a whole number of modules apart.
func (g *group) isJoined(s sheet) bool {
	return g.isStretched() || g.isPatched(s)
}
